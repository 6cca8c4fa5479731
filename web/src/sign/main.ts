import { keepDisplay } from '../ui/display'
import { startPage } from '../ui/page'
import SignPage from './SignPage.vue'

keepDisplay()
startPage(SignPage, 'desk', 'application.signTitle')
