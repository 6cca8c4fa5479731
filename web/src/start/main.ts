import { keepDisplay } from '../ui/display'
import { startPage } from '../ui/page'
import StartPage from './StartPage.vue'

keepDisplay()
startPage(StartPage, 'desk', 'start.title')
