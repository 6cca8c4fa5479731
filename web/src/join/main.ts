import { keepDisplay } from '../ui/display'
import { startPage } from '../ui/page'
import JoinPage from './JoinPage.vue'

keepDisplay()
startPage(JoinPage, 'desk', 'join.title')
